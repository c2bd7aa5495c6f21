// Loaded before libc's own (LD_PRELOAD): makes the disk fail as the file named by RTM_TEST_DISK says. "sync": what was
// written does not reach the disk; "root": writes that are to be on disk at once, as LMDB writes its root page, are there
// for readers, but fail.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fails(const char *what) {
  const char *path = getenv("RTM_TEST_DISK");
  char said[16] = {0};
  const int file = path == NULL ? -1 : open(path, O_RDONLY);
  if (file < 0) return 0;
  const ssize_t bytes = read(file, said, sizeof(said) - 1);
  close(file);
  return bytes > 0 && strcmp(said, what) == 0;
}

static int fail(void) {
  errno = EIO;
  return -1;
}

int fdatasync(int file) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  return fails("sync") ? fail() : real(file);
}

ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
  ssize_t (*real)(int, const void *, size_t, off64_t) = dlsym(RTLD_NEXT, "pwrite64");
  const ssize_t written = real(file, bytes, count, at);
  const int atOnce = (fcntl(file, F_GETFL) & O_DSYNC) != 0;
  return atOnce && fails("root") ? fail() : written;
}

ssize_t pwrite(int file, const void *bytes, size_t count, off_t at) { return pwrite64(file, bytes, count, at); }
