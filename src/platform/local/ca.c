/* The local certificate authority: which files there are, and when they are made anew. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fs.h"
#include "base/i18n.h"
#include "platform/local/files.h"
#include "platform/local/local.h"
#include "platform/local/x509.h"

enum {
    AUTHORITY_DAYS = 3650,
    SERVER_DAYS = 397, /* what browsers accept from a locally trusted root */
    RENEW_DAYS = 30,
};

/* Text that holds a key is wiped before it is freed. */
static void free_key_text(char **text)
{
    if (*text)
        gl_wipe(*text, strlen(*text));
    gl_free_ptr(text);
}

#define gl_autokeytext gl_cleanup(free_key_text)

/* A missing file is an empty text: the caller decides what that means. */
static int read_text(const char *path, char **ret_text, struct gl_error *err)
{
    gl_autobuf struct gl_buf data = {0};
    gl_autoerr struct gl_error problem = {0};
    int failed = gl_read_file(path, 0, &data, &problem);
    if (failed < 0 && failed != GL_E_NOT_FOUND) {
        if (err)
            gl_error_move(err, &problem);
        return failed;
    }
    *ret_text = gl_buf_steal(&data);
    return 0;
}

static int load_authority(const struct gl_local *local, struct gl_identity *ret_authority,
                          struct gl_error *err)
{
    gl_autofree char *cert_path = gl_local_path(local, "ca/ca.pem");
    gl_autofree char *key_path = gl_local_path(local, "ca/ca.key");
    gl_autofree char *cert_pem = NULL;
    gl_autokeytext char *key_pem = NULL;
    int failed = read_text(cert_path, &cert_pem, err);
    if (failed == 0)
        failed = read_text(key_path, &key_pem, err);
    if (failed == 0)
        failed = gl_x509_parse(cert_pem, key_pem, cert_path, ret_authority, err);
    if (failed == GL_E_CORRUPT)
        gl_error_hint(err, _("Restore ca/ from a copy, or remove it: golive then makes a new "
                             "authority, which you have to trust anew."));
    return failed;
}

/* The key first: a certificate on disk means that its key is there too. */
static int store_authority(const struct gl_local *local, const struct gl_identity *authority,
                           struct gl_error *err)
{
    gl_autofree char *cert_path = gl_local_path(local, "ca/ca.pem");
    gl_autofree char *key_path = gl_local_path(local, "ca/ca.key");
    gl_autofree char *cert_pem = gl_x509_cert_pem(authority->cert);
    gl_autokeytext char *key_pem = gl_x509_key_pem(authority->key);
    int failed = gl_write_text(key_path, key_pem, 0600, err);
    return failed < 0 ? failed : gl_write_text(cert_path, cert_pem, 0644, err);
}

/* An authority of the future is a clock of the past: a new one would not help. */
static int check_birth(const struct gl_identity *authority, const char *dir, struct gl_error *err)
{
    int days = 0;
    int seconds = 0;
    if (X509_cmp_current_time(X509_get0_notBefore(authority->cert)) < 0)
        return 0;
    gl_autofree char *now = gl_format_rfc3339(gl_now_unix_ms());
    (void)ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notBefore(authority->cert));
    gl_autofree char *ahead = gl_format_duration((days * 86400.0 + seconds) * 1000.0);
    gl_fail(err, GL_E_REFUSED,
            _("the clock of this machine says %s: the local certificate authority in %s is valid "
              "only %s later"),
            now, dir, ahead);
    return gl_error_hint(err, _("Set the clock right (timedatectl shows it). No client accepts a "
                                "certificate of the future."));
}

static int check_expiry(const struct gl_identity *authority, const char *dir, struct gl_error *err)
{
    if (X509_cmp_current_time(X509_get0_notAfter(authority->cert)) > 0)
        return 0;
    gl_fail(err, GL_E_CORRUPT, _("the local certificate authority in %s has expired"), dir);
    return gl_error_hint(err, _("Remove %s: golive then makes a new authority."), dir);
}

/* A certificate on disk was seen by people, who may trust it: it is never replaced by itself. */
static int open_authority(const struct gl_local *local, struct gl_identity *ret_authority,
                          struct gl_error *err)
{
    gl_autofree char *dir = gl_local_path(local, "ca");
    gl_autofree char *cert_path = gl_local_path(local, "ca/ca.pem");
    gl_autoidentity struct gl_identity authority = {0};
    int failed = gl_mkdir_p(dir, 0755, err);
    if (failed < 0)
        return failed;
    if (gl_path_exists(cert_path)) {
        failed = load_authority(local, &authority, err);
        if (failed == 0)
            failed = check_birth(&authority, dir, err);
        if (failed == 0)
            failed = check_expiry(&authority, dir, err);
    } else {
        failed = gl_x509_make_authority(AUTHORITY_DAYS, &authority, err);
        if (failed == 0)
            failed = store_authority(local, &authority, err);
    }
    if (failed < 0)
        return failed;
    *ret_authority = authority;
    authority = (struct gl_identity){0};
    return 0;
}

int gl_local_ca_ensure(struct gl_local *local, struct gl_error *err)
{
    gl_autoidentity struct gl_identity authority = {0};
    return open_authority(local, &authority, err);
}

/* The three files of one certificate, in the order of `kinds`. */
struct files {
    char *paths[3];
    struct gl_file_owner owner;
};

static const struct {
    const char *suffix;
    mode_t mode;
} kinds[3] = {
    {"key", 0600},
    {"crt", 0644},
    {"pem", 0600},
};

static void files_done(struct files *files)
{
    for (size_t i = 0; i < GL_COUNT(files->paths); i++)
        free(files->paths[i]);
}

static struct gl_file_owner owner_of(const struct gl_local *local, const char *name)
{
    return strcmp(name, "database") == 0 ? (struct gl_file_owner){local->uid, local->gid}
                                         : local->accounts[GL_LOCAL_ACCOUNT_EDGE];
}

static struct files files_of(const struct gl_local *local, const char *name)
{
    struct files files = {.owner = owner_of(local, name)};
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        gl_autofree char *relative = gl_asprintf("tls/%s.%s", name, kinds[i].suffix);
        files.paths[i] = gl_local_path(local, relative);
    }
    return files;
}

static bool right_owner(const struct gl_local *local, struct gl_file_owner owner, const char *path,
                        mode_t mode)
{
    struct stat st;
    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0777) == mode &&
           (!local->drop || st.st_uid == owner.uid);
}

/* True if the files are as a run that was not killed leaves them, and still good. */
static bool is_current(const struct gl_local *local, const struct files *files,
                       const X509 *authority, const char *const *names)
{
    gl_autokeytext char *key = NULL;
    gl_autokeytext char *pem = NULL;
    gl_autofree char *crt = NULL;
    for (size_t i = 0; i < GL_COUNT(kinds); i++) {
        if (!right_owner(local, files->owner, files->paths[i], kinds[i].mode))
            return false;
    }
    if (read_text(files->paths[0], &key, NULL) < 0 || read_text(files->paths[1], &crt, NULL) < 0 ||
        read_text(files->paths[2], &pem, NULL) < 0)
        return false;
    if (!key || !crt || !pem)
        return false;
    gl_autokeytext char *expected = gl_asprintf("%s%s", crt, key);
    gl_autoidentity struct gl_identity identity = {0};
    return strcmp(expected, pem) == 0 && gl_x509_parse(crt, key, "", &identity, NULL) == 0 &&
           gl_x509_is_current(identity.cert, authority, names, RENEW_DAYS);
}

static int issue(const struct gl_local *local, const struct files *files,
                 const struct gl_identity *authority, const char *const *names,
                 struct gl_error *err)
{
    const struct gl_file_owner ours = {(uid_t)-1, (gid_t)-1};
    gl_autoidentity struct gl_identity identity = {0};
    int failed = gl_x509_issue(authority, names, SERVER_DAYS, &identity, err);
    if (failed < 0)
        return failed;
    gl_autofree char *leaf = gl_x509_cert_pem(identity.cert);
    gl_autofree char *root = gl_x509_cert_pem(authority->cert);
    gl_autofree char *chain = gl_asprintf("%s%s", leaf, root);
    gl_autokeytext char *key = gl_x509_key_pem(identity.key);
    gl_autokeytext char *both = gl_asprintf("%s%s", chain, key);
    const char *texts[] = {key, chain, both};
    for (size_t i = 0; failed == 0 && i < GL_COUNT(texts); i++)
        failed = gl_write_file_as(files->paths[i], texts[i], strlen(texts[i]), kinds[i].mode,
                                  local->drop ? &files->owner : &ours, err);
    return failed;
}

int gl_local_cert_ensure(struct gl_local *local, const char *name, const char *const *dns_names,
                         struct gl_error *err)
{
    gl_autofree char *dir = gl_local_path(local, "tls");
    gl_autoidentity struct gl_identity authority = {0};
    int failed = open_authority(local, &authority, err);
    if (failed == 0)
        failed = gl_mkdir_p(dir, 0755, err);
    if (failed < 0)
        return failed;
    gl_cleanup(files_done) struct files files = files_of(local, name);
    if (dns_names && dns_names[0] && is_current(local, &files, authority.cert, dns_names))
        return 0;
    failed = issue(local, &files, &authority, dns_names, err);
    return failed < 0 ? gl_error_wrap(err, _("certificate %s"), name) : 0;
}
