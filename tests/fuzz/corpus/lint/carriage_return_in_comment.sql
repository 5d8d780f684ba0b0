REFRESHÜ²ÿÿÿÿÿÿÿPZED V-- golivehase=expandCACOLOLbat\h=UMN nbatch=HECK (n > 0H) (nUMN > 0);IEW m;55555K (n > 0) 4
(n  a> ;
0);-- golivehase=expandC
ACOLOLbat\h=UMN nbatch=HECK (n > 0) (nUMN > 0);K (n > 0) (n  a> ;
0);
