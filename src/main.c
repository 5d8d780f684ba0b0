/* golive: takes a web application to production on AWS and keeps it there. */
#include <stdio.h>

int main(void)
{
    return 0;
}
