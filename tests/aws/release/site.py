"""The frontend in S3 and CloudFront: published, served, gone back to, pruned; what is refused and how that is said."""
import json
import re
import sys
import time

from site_stage import IMMUTABLE, OWN, ROOT, Site, hashed, kept_in_s3, main, mutable, release, through, until

TESTS = []


def test(function):
    TESTS.append(function)
    return function


@test
def published_then_served(aws):
    """a release is put beside, then served: types, caches, contents; before that nobody can load a page of it"""
    with Site(aws) as site:
        files = release(1) | {"docs/a b+ü.txt": "x", "site.webmanifest": "{}", "robots.txt": "", "font.woff2": "f", "odd": "?"}
        site.publish(1, files).must()
        assert set(site.live()) == hashed(files) and site.served() == 0
        site.run("activate", 1).must()
        live = site.live()
        assert {key: one[0] for key, one in live.items()} == files
        types = {key.rpartition(".")[2]: one[1] for key, one in live.items()}
        assert types | {} == {"js": "text/javascript; charset=utf-8", "css": "text/css; charset=utf-8", "json": "application/json; charset=utf-8",
                              "html": "text/html; charset=utf-8", "png": "image/png", "txt": "text/plain; charset=utf-8", "woff2": "font/woff2",
                              "webmanifest": "application/manifest+json; charset=utf-8", "odd": "application/octet-stream"}, types
        caches = {key: one[2] for key, one in live.items()}
        assert all(cache == ("public, max-age=31536000, immutable" if key.startswith(IMMUTABLE) else "no-cache") for key, cache in caches.items())
        assert site.served() == 1


@test
def order(aws):
    """assets before pages before the manifest; what pages load, pages, the front page, then what goes, the record, the invalidation"""
    with Site(aws) as site, through(aws.url) as proxy:
        site.deploy(1, release(1) | {"old.html": "<p>"})
        proxy.rules({"fault": "slow", "service": "s3", "operation": "PutObject", "count": 1, "delay_ms": 300})
        site.publish(2, release(2), url=proxy.url).must()
        put = [key for operation, key in map(kept_in_s3, proxy.log()) if operation == "PutObject"]
        kinds = [0 if key.startswith(IMMUTABLE) else 1 if key.startswith(OWN + "files/") else 2 for key in put]
        assert kinds == sorted(kinds) and set(kinds) == {0, 1, 2} and put[-1] == OWN + "manifests/2.json", put
        proxy.rules()
        site.run("activate", 2, url=proxy.url).must()
        done = [one for one in map(kept_in_s3, proxy.log()) if one[0] in ("CopyObject", "PutObject", "DeleteObjects", "CreateInvalidation")]
        assert [one[0] for one in done] == ["PutObject"] + ["CopyObject"] * 3 + ["DeleteObjects", "PutObject", "CreateInvalidation", "PutObject"], done
        assert [key for operation, key in done if operation == "CopyObject"] == ["_app/version.json", "about.html", "index.html"], done


@test
def unchanged_is_not_sent(aws):
    """what is there is not sent again: a release sends what it changed, a repeated publish nothing"""
    with Site(aws) as site, through(aws.url) as proxy:
        site.deploy(1, release(1, same=("terms", "terms2")))
        proxy.rules()
        site.publish(2, release(2, same=("terms", "terms2")), url=proxy.url).must()
        put = sorted(key for operation, key in map(kept_in_s3, proxy.log()) if operation == "PutObject")
        assert len([key for key in put if key.startswith(IMMUTABLE)]) == 2, put
        assert len([key for key in put if key.startswith(OWN + "files/")]) == 3 and len(put) == 6, put
        proxy.rules()
        site.publish(2, release(2, same=("terms", "terms2")), url=proxy.url).must()
        assert [one for one in map(kept_in_s3, proxy.log()) if one[0] == "PutObject"] == []


@test
def another_ledger(aws):
    """a release of the same number with other files is not taken for ours"""
    with Site(aws) as site:
        site.deploy(1, release(1))
        failed = site.run("publish", 1, site.build("other", release(2))).must(7)
        assert "release 1 with other files" in failed.error["message"] and "ledger" in failed.error["hint"], failed.error
        assert site.pages() == mutable(release(1))


@test
def built_anew_elsewhere(aws):
    """a release that was killed and goes on elsewhere is built anew, with other names: what is recorded of it is used"""
    with Site(aws) as site:
        site.deploy(1, release(1))
        site.run("publish", 2, site.build(2, release(2)), "abc1234").must()
        site.run("publish", 2, site.build("again", release(3)), "abc1234").must()
        site.run("activate", 2).must()
        assert site.pages() == mutable(release(2))
        site.run("publish", 2, site.build("once more", release(4)), "abc1234").must()  # killed before it noted that it serves
        site.run("activate", 2).must()
        assert site.pages() == mutable(release(2))
        failed = site.run("publish", 2, site.build("theirs", release(5)), "def5678").must(7)
        assert "release 2 with other files" in failed.error["message"], failed.error
        site.run("publish", 3, site.build(3, release(3)), "def5678").must()
        site.run("publish", 3, site.build("ours", release(6)), "abc1234").must(7)


@test
def what_nobody_saw_is_written_anew(aws):
    """a manifest of another version that was never switched to, as an older golive left it, is no obstacle"""
    with Site(aws) as site:
        site.deploy(1, release(1))
        site.publish(2, release(2)).must()
        site.run("publish", 2, site.build("again", release(3)), "abc1234").must()
        site.run("activate", 2).must()
        assert site.pages() == mutable(release(3))


@test
def a_build_that_changes_meanwhile(aws):
    """an asset of the same name and other content is replaced, not taken for unchanged"""
    with Site(aws) as site:
        site.deploy(1, release(1))
        other = release(2) | {"_app/immutable/chunks/shared.0a0a.js": "export const shared = 2"}
        site.deploy(2, other)
        assert site.live()["_app/immutable/chunks/shared.0a0a.js"][0] == "export const shared = 2"


@test
def open_tabs_and_the_way_back(aws):
    """after five releases every asset of the first is there; going back copies, uploads nothing, and forgets exactly the changed paths"""
    with Site(aws) as site, through(aws.url) as proxy:
        builds = {number: release(number) for number in range(1, 6)}
        for number, files in builds.items():
            site.deploy(number, files)
            assert site.pages() == mutable(files)
        assert set().union(*map(hashed, builds.values())) <= set(site.live())
        proxy.rules()
        site.run("activate", 2, url=proxy.url).must()
        assert site.pages() == mutable(builds[2]) and site.served() == 2
        put = [key for operation, key in map(kept_in_s3, proxy.log()) if operation == "PutObject"]
        assert set(put) == {OWN + "current.json"}, put
        assert site.invalidations()[-1] == ["/", "/_app/version.json", "/about", "/about.html", "/index.html"]


@test
def paths(aws):
    """one changed page: its two paths; a page that is gone or new: the same; a name with odd letters is encoded; many pages: all"""
    with Site(aws) as site:
        base = release(1, pages=(), same=("index", "about", "blog/index", "ü x"))
        site.deploy(1, base)
        site.deploy(2, base | {"about.html": "new"})
        site.deploy(3, base | {"about.html": "new", "blog/index.html": "new"})
        site.deploy(4, base | {"about.html": "new", "ü x.html": "new"})
        without = {path: text for path, text in base.items() if path != "about.html"}
        site.deploy(5, without | {"more.html": "m"})
        site.deploy(6, without | {f"p{number}.html": "p" for number in range(40)})
        assert site.invalidations()[1:] == [
            ["/about", "/about.html"], ["/blog", "/blog.html", "/blog/", "/blog/index.html"],
            ["/%C3%BC%20x", "/%C3%BC%20x.html", "/blog", "/blog.html", "/blog/", "/blog/index.html"],
            ["/%C3%BC%20x", "/%C3%BC%20x.html", "/about", "/about.html", "/more", "/more.html"], ["/*"]], site.invalidations()
        assert "about.html" not in site.pages() and "more.html" not in site.pages()


@test
def pages_that_are_directories(aws):
    """login/index.html answers as /login, too, unless the build has a login.html of its own; sent once, gone with its page"""
    with Site(aws) as site, through(aws.url) as proxy:
        files = release(1) | {"login/index.html": "<title>in</title>", "both/index.html": "<title>with</title>", "both.html": "<title>without</title>"}
        proxy.rules()
        site.publish(1, files, url=proxy.url).must()
        sent = [key for operation, key in map(kept_in_s3, proxy.log()) if operation == "PutObject" and key.startswith(OWN + "files/")]
        assert len(sent) == len(mutable(files)), sent
        site.run("activate", 1).must()
        assert site.pages() == mutable(files) | {"login.html": files["login/index.html"]}
        assert site.live()["login.html"][1:] == ("text/html; charset=utf-8", "no-cache")
        site.deploy(2, release(2))
        assert site.pages() == mutable(release(2))


@test
def nothing_changed(aws):
    """a release with the same files is served without a copy and without an invalidation; twice is once"""
    with Site(aws) as site, through(aws.url) as proxy:
        files = release(1)
        site.deploy(1, files)
        before = site.invalidations()
        site.publish(2, files).must()
        proxy.rules()
        site.run("activate", 2, url=proxy.url).must()
        site.run("activate", 2, url=proxy.url).must()
        changing = [one for one in map(kept_in_s3, proxy.log()) if one[0] in ("CopyObject", "PutObject", "DeleteObjects", "CreateInvalidation")]
        assert changing == [("PutObject", OWN + "current.json")] and site.invalidations() == before and site.served() == 2, changing


@test
def none(aws):
    """release 0 serves no frontend, keeps the assets, and leads back"""
    with Site(aws) as site:
        site.run("activate", 0).must()
        assert site.keys() == []
        files = release(1)
        site.deploy(1, files)
        site.run("activate", 0).must()
        assert set(site.live()) == hashed(files) and site.served() == 0
        site.run("activate", 1).must()
        assert site.pages() == mutable(files)


@test
def what_others_put_there(aws):
    """what a hand put or changed in the bucket is put right with the next release"""
    with Site(aws) as site:
        files = release(1)
        site.deploy(1, files)
        site.s3.put_object(Bucket=site.bucket, Key="old-worker.js", Body=b"x")
        site.s3.put_object(Bucket=site.bucket, Key="about.html", Body=b"by hand")
        site.run("activate", 1).must()
        assert site.pages() == mutable(files)
        assert site.invalidations()[-1] == ["/about", "/about.html", "/old-worker.js"]


@test
def pruned(aws):
    """only what no kept release names goes; the served release is kept in any case"""
    with Site(aws) as site:
        builds = {number: release(number) for number in range(1, 6)}
        for number, files in builds.items():
            site.deploy(number, files)
        site.run("activate", 2).must()
        site.run("prune", 4, 5).must()
        assert {key for key in site.keys() if key.startswith(IMMUTABLE)} == hashed(builds[2]) | hashed(builds[4]) | hashed(builds[5])
        assert [key for key in site.keys(OWN + "manifests/")] == [OWN + f"manifests/{number}.json" for number in (2, 4, 5)]
        for number in (4, 5, 2):
            site.run("activate", number).must()
            assert site.pages() == mutable(builds[number])
        gone = site.run("activate", 1).must(8)
        assert "the frontend of release 1 was not published" in gone.error["message"], gone.error
        assert site.served() == 2


@test
def variables(aws):
    """the public variables of this environment; the module that SvelteKit's pages load has them"""
    with Site(aws) as site:
        said = site.run("variables").must().out
        assert json.loads(said) == {"PUBLIC_API_BASE_URL": "https://api.example.com", "PUBLIC_APP_ENV": "production",
                                    "PUBLIC_SENTRY_DSN": "https://4f1c0d6e@sentry.example.com/4"}, said
        site.deploy(1, release(1) | {"_app/env.js": "export const env={}"})
        assert site.live()["_app/env.js"][0] == "export const env=" + said.strip()


@test
def missing_variable(aws):
    """a variable that has no value for this environment is named, and a build that asks for it is refused; others are not"""
    with Site(aws, change=lambda text: re.sub(r"(PUBLIC_APP_ENV.*)prod: \w+", r"\1other: x", text).replace("other:", "local:")) as site:
        failed = site.run("variables").must(3)
        assert "PUBLIC_APP_ENV" in failed.error["message"] and "prod" in failed.error["hint"], failed.error
        assert "PUBLIC_APP_ENV" in site.publish(2, release(2) | {"_app/env.js": ""}).must(3).error["message"]
        site.publish(3, release(3)).must()


@test
def waits_for_cloudfront(aws):
    """it ends when CloudFront has forgotten, not before; too many other invalidations are waited for; an interrupted wait goes on"""
    pages = {f"p{number}.html": "p" for number in range(40)}
    with Site(aws) as site:
        site.deploy(1, release(1))
        site.publish(2, release(2) | pages).must()
        aws.control("settings", invalidation_s=8)
        cloudfront = aws.client("cloudfront")
        for number in range(15):
            batch = {"Paths": {"Quantity": 1, "Items": [f"/{number}*"]}, "CallerReference": str(number)}
            cloudfront.create_invalidation(DistributionId=site.distribution, InvalidationBatch=batch)
        begun = time.monotonic()
        process = site.start("activate", 2, SITE_TOOL_PROGRESS="1")
        assert "waiting for other invalidations" in process.stderr.readline()
        assert site.record()["release"] == 2 and site.record()["stale"] == ["/*"]
        site.end(process).must()
        assert time.monotonic() - begun > 2 and site.record() == {"golive": 1, "release": 2, "stale": []}
        aws.control("settings", invalidation_s=600)
        process = site.start("activate", 1, SITE_TOOL_PROGRESS="1")
        assert "waiting until CloudFront forgot" in process.stderr.readline()
        process.terminate()
        site.end(process).must(6)
        assert site.record()["release"] == 1 and site.record()["stale"] == ["/*"]
        again = site.start("activate", 1, SITE_TOOL_PROGRESS="1")
        assert "waiting until CloudFront forgot" in again.stderr.readline()
        again.terminate()
        site.end(again).must(6)
        assert site.invalidations()[-2:] == [["/*"], ["/*"]] and len(site.invalidations()) == 18, site.invalidations()


@test
def golives_own_is_not_public(aws):
    """the bucket's policy denies CloudFront what golive keeps there"""
    with Site(aws) as site:
        statements = json.loads(site.s3.get_bucket_policy(Bucket=site.bucket)["Policy"])["Statement"]
        denied = [one for one in statements if one["Effect"] == "Deny" and one["Principal"] == {"Service": "cloudfront.amazonaws.com"}]
        assert [one["Resource"] for one in denied] == [f"arn:aws:s3:::{site.bucket}/{OWN}*"] and denied[0]["Action"] == "s3:GetObject", statements


@test
def two_at_a_time(aws):
    """a switch that somebody else overtook changes nothing and says so"""
    with Site(aws) as site, through(aws.url) as proxy:
        site.deploy(1, release(1))
        site.publish(2, release(2)).must()
        proxy.rules({"fault": "slow", "service": "s3", "operation": "GetObject", "skip": 1, "count": 1, "delay_ms": 2000})
        process = site.start("activate", 2, url=proxy.url)
        until(proxy.log, lambda log: [one for one in log if one["fault"] == "slow" and one["applied"]])
        body = site.s3.get_object(Bucket=site.bucket, Key=OWN + "current.json")["Body"].read()
        site.s3.put_object(Bucket=site.bucket, Key=OWN + "current.json", Body=body + b" ")
        failed = site.end(process).must(5)
        assert "somebody else switches the frontend of prod" in failed.error["message"] and "golive status --env prod" in failed.error["hint"]
        assert site.pages() == mutable(release(1))


def caller(aws, statements):
    """Keys of a new user who may do just that; from now on rights are enforced."""
    iam = aws.client("iam")
    iam.create_user(UserName="caller")
    iam.put_user_policy(UserName="caller", PolicyName="own", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))
    key = iam.create_access_key(UserName="caller")["AccessKey"]
    aws.control("enforce", on=True)
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}


@test
def rights(aws):
    """the statements of the deploy role suffice; each right that lacks is named"""
    text = (ROOT / "stacks" / "ci-deploy.yaml").read_text(encoding="utf-8")
    lists = {sid: re.search(rf"Sid: {sid}, Effect: Allow, Action: (\[[^]]*\]|[\w:]+)", text).group(1) for sid in ("SiteFiles", "SiteList", "SiteCache")}
    actions = [one for words in lists.values() for one in re.findall(r"[\w]+:\w+", words)]
    with Site(aws) as site:
        before = [{"Effect": "Allow", "Action": "cloudformation:DescribeStacks", "Resource": "*"}]
        keys = caller(aws, before + [{"Effect": "Allow", "Action": actions, "Resource": "*"}])
        for words in (("publish", 1, site.build(1, release(1))), ("activate", 1), ("publish", 2, site.build(2, release(2))), ("activate", 2),
                      ("release",), ("prune", 2)):
            site.run(*words, **keys).must()
        builds = [site.build(number, release(number)) for number in range(3, 6)]
        for lacking, words in {"s3:PutObject": ("publish", 3, builds[0]), "s3:GetObject": ("activate", 2), "s3:ListBucket": ("publish", 3, builds[0]),
                               "cloudfront:CreateInvalidation": ("activate", 0), "cloudfront:GetInvalidation": ("activate", 0),
                               "s3:DeleteObject": ("activate", 0)}.items():
            aws.control("enforce", on=False)
            site.run("activate", 2).must()
            aws.client("iam").put_user_policy(UserName="caller", PolicyName="own", PolicyDocument=json.dumps({
                "Version": "2012-10-17", "Statement": before + [{"Effect": "Allow", "Action": [one for one in actions if one != lacking], "Resource": "*"}]}))
            aws.control("enforce", on=True)
            failed = site.run(*words, **keys).must(7)
            assert lacking in failed.error["hint"], (lacking, failed.error)
        aws.control("enforce", on=False)


@test
def of_a_service(aws):
    """where pages come from a service, the bucket has the hashed assets of its releases and nothing else; there is nothing to switch"""
    with Site(aws, change=lambda text: text.replace("mode: static ", "mode: ssr ")) as site:
        for number in (1, 2):
            site.publish(number, {"client/" + path: text for path, text in release(number).items()} | {"index.js": "server"}).must()
        assert set(site.live()) == hashed(release(1)) | hashed(release(2)), site.live()
        assert "come from a service" in site.run("activate", 1).must(7).error["message"]
        site.run("prune", 2).must()
        assert set(site.live()) == hashed(release(2)), site.live()


@test
def refusals(aws):
    """no stack, no bucket, no build, an empty build, a name that cannot be served: said with what to do"""
    with Site(aws) as site:
        assert "does not exist" in site.run("publish", 1, str(site.builds / "nowhere")).must(8).error["message"]
        assert "has no files" in site.run("publish", 1, str(site.builds)).must(8).error["message"]
        for name in ("_golive/x.html", "a\nb.html"):
            assert "cannot be a file of the site" in site.publish(f"bad{len(name)}", {name: "x"}).must(7).error["message"]
        assert site.run("publish", 1).must().status == 0 and site.keys() == []
        assert "release 7 was not published" in site.run("activate", 7).must(8).error["message"]
        site.s3.delete_bucket(Bucket=site.bucket)
        for words in (("publish", 1, site.build(1, release(1))), ("activate", 0), ("release",), ("prune",)):
            failed = site.run(*words).must(7)
            assert site.bucket in failed.error["message"] and "golive up --env prod" in failed.error["hint"], failed.error
        aws.control("drop", stack="glanceflow-prod-frontend")
        assert "golive up --env prod" in site.run("release").must(7).error["hint"]


if __name__ == "__main__":
    sys.exit(main(TESTS))
