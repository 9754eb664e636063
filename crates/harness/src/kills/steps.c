/* Loaded into a process before its libraries (LD_PRELOAD), so that the shipped programs need no hook of their own.
 *
 * Counts what the process does to regular files, and at a given step dies of SIGKILL: before the step, or (a write) when half of it
 * is done. While the file KILLS_FULL (for a trustee KILLS_FULL_TRUSTEE) exists, writing gives ENOSPC. Which step: the file that KILLS_SERVICE names, or KILLS_TRUSTEE
 * for a trustee that the gateway starts; whoever takes the file (a rename, so one process only) is the one that dies.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

static atomic_long steps;
static long die_at;
static int torn;
static char taken[4096];
static const char *full;

#define REAL(name, ...) ((__typeof__(&name))real(&p_##name, #name))(__VA_ARGS__)
#define SLOT(name) static void *p_##name

static void *real(void **slot, const char *name) {
    if (!*slot) *slot = dlsym(RTLD_NEXT, name);
    return *slot;
}

__attribute__((constructor)) static void begin(int count, char **words) {
    int trustee = strcmp(program_invocation_short_name, "waarborg-trustee") == 0;
    const char *order = getenv(trustee ? "KILLS_TRUSTEE" : "KILLS_SERVICE");
    full = getenv(trustee ? "KILLS_FULL_TRUSTEE" : "KILLS_FULL");
    /* Of a trustee's processes only the one that judges writes. */
    if (trustee && (count < 2 || strcmp(words[1], "judge") != 0)) return;
    if (!order || (!trustee && strcmp(program_invocation_short_name, "waarborg") != 0)) return;
    snprintf(taken, sizeof taken, "%s.%d", order, (int)getpid());
    if (rename(order, taken) != 0) return;
    FILE *file = fopen(taken, "r");
    if (file) {
        if (fscanf(file, "%ld %d", &die_at, &torn) != 2) die_at = 0;
        fclose(file);
    }
}

/* True at the step at which to die. The name of the call is left behind, so that the report can tell where. */
static int due(const char *name) {
    if (!die_at || atomic_fetch_add(&steps, 1) + 1 != die_at) return 0;
    FILE *file = fopen(taken, "w");
    if (file) {
        fprintf(file, "%s\n", name);
        fclose(file);
    }
    return 1;
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int is_file(int fd) {
    int before = errno;
    struct stat about;
    int yes = fd > 2 && fstat(fd, &about) == 0 && S_ISREG(about.st_mode);
    errno = before;
    return yes;
}

static int is_full(void) {
    int before = errno;
    int yes = full && access(full, F_OK) == 0;
    errno = yes ? ENOSPC : before;
    return yes;
}

SLOT(write);
ssize_t write(int fd, const void *octets, size_t count) {
    if (!is_file(fd)) return REAL(write, fd, octets, count);
    if (is_full()) return -1;
    if (due("write")) {
        if (torn) REAL(write, fd, octets, count / 2);
        die();
    }
    return REAL(write, fd, octets, count);
}

SLOT(pwrite);
ssize_t pwrite(int fd, const void *octets, size_t count, off_t at) {
    if (!is_file(fd)) return REAL(pwrite, fd, octets, count, at);
    if (is_full()) return -1;
    if (due("pwrite")) {
        if (torn) REAL(pwrite, fd, octets, count / 2, at);
        die();
    }
    return REAL(pwrite, fd, octets, count, at);
}

SLOT(pwrite64);
ssize_t pwrite64(int fd, const void *octets, size_t count, off64_t at) {
    if (!is_file(fd)) return REAL(pwrite64, fd, octets, count, at);
    if (is_full()) return -1;
    if (due("pwrite64")) {
        if (torn) REAL(pwrite64, fd, octets, count / 2, at);
        die();
    }
    return REAL(pwrite64, fd, octets, count, at);
}

SLOT(writev);
ssize_t writev(int fd, const struct iovec *parts, int count) {
    if (!is_file(fd)) return REAL(writev, fd, parts, count);
    if (is_full()) return -1;
    if (due("writev")) die();
    return REAL(writev, fd, parts, count);
}

#define ON_FD(name)                                   \
    SLOT(name);                                       \
    int name(int fd) {                                \
        if (is_file(fd) && due(#name)) die();         \
        return REAL(name, fd);                        \
    }
ON_FD(fsync)
ON_FD(fdatasync)

#define ON_LENGTH(name, type)                         \
    SLOT(name);                                       \
    int name(int fd, type length) {                   \
        if (is_file(fd) && due(#name)) die();         \
        return REAL(name, fd, length);                \
    }
ON_LENGTH(ftruncate, off_t)
ON_LENGTH(ftruncate64, off64_t)

#define ON_TWO_PATHS(name)                            \
    SLOT(name);                                       \
    int name(const char *from, const char *to) {      \
        if (due(#name)) die();                        \
        return REAL(name, from, to);                  \
    }
ON_TWO_PATHS(rename)
ON_TWO_PATHS(link)

SLOT(linkat);
int linkat(int from_dir, const char *from, int to_dir, const char *to, int flags) {
    if (due("linkat")) die();
    return REAL(linkat, from_dir, from, to_dir, to, flags);
}

SLOT(unlink);
int unlink(const char *path) {
    if (due("unlink")) die();
    return REAL(unlink, path);
}

SLOT(mkdir);
int mkdir(const char *path, mode_t mode) {
    if (access(path, F_OK) != 0 && is_full()) return -1;
    if (due("mkdir")) die();
    return REAL(mkdir, path, mode);
}

#define ON_OPEN(name)                                 \
    SLOT(name);                                       \
    int name(const char *path, int flags, ...) {      \
        mode_t mode = 0;                              \
        if (flags & (O_CREAT | O_TMPFILE)) {          \
            va_list rest;                             \
            va_start(rest, flags);                    \
            mode = va_arg(rest, mode_t);              \
            va_end(rest);                             \
            if ((flags & O_CREAT) && due(#name)) die(); \
        }                                             \
        return REAL(name, path, flags, mode);         \
    }
ON_OPEN(open)
ON_OPEN(open64)
