/*
 * What a disk holds after a power cut. Preloaded into a process (LD_PRELOAD), keeps beside one
 * folder of data (POWER_CUT_DATA, flat) a second one (POWER_CUT_DISK) that knows only what was
 * fsynced: the contents as of each file's last fsync or fdatasync, the names as of the last fsync
 * of the folder itself. Contents lie under "<inode>-<generation>", names in a file "names".
 * Not seen: memory maps and O_TRUNC; SQLite uses maps only for -shm, which no crash keeps.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define FILES_MAX 256
#define RANGES_MAX 65536
#define COPY_BYTES (1 << 16)

typedef struct {
  off_t from;
  off_t to;
} range;

typedef struct {
  ino_t inode;
  int generation;
  /* Smallest size since the last fsync, -1 when it was never cut. */
  off_t cut_to;
  range *ranges;
  int count;
} file;

static ssize_t (*real_pwrite64)(int, const void *, size_t, off_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_writev)(int, const struct iovec *, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate64)(int, off_t);
static int (*real_unlink)(const char *);
static int (*real_rename)(const char *, const char *);

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char data_dir[PATH_MAX];
static const char *disk_dir;
static struct stat data_stat;
static file files[FILES_MAX];
static int files_count;
static char buffer[COPY_BYTES];

static void give_up(const char *what) {
  fprintf(stderr, "power-cut: %s: %s\n", what, strerror(errno));
  abort();
}

__attribute__((constructor)) static void begin(void) {
  real_pwrite64 = dlsym(RTLD_NEXT, "pwrite64");
  real_write = dlsym(RTLD_NEXT, "write");
  real_writev = dlsym(RTLD_NEXT, "writev");
  real_fsync = dlsym(RTLD_NEXT, "fsync");
  real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
  real_ftruncate64 = dlsym(RTLD_NEXT, "ftruncate64");
  real_unlink = dlsym(RTLD_NEXT, "unlink");
  real_rename = dlsym(RTLD_NEXT, "rename");
  const char *wanted = getenv("POWER_CUT_DATA");
  disk_dir = getenv("POWER_CUT_DISK");
  if (wanted == NULL || disk_dir == NULL) return;
  if (realpath(wanted, data_dir) == NULL || stat(data_dir, &data_stat) != 0) {
    give_up("POWER_CUT_DATA");
  }
}

static int is_on(void) { return data_dir[0] != '\0'; }

static file *known(ino_t inode) {
  for (int i = 0; i < files_count; i++) {
    if (files[i].inode == inode) return &files[i];
  }
  if (files_count == FILES_MAX) give_up("too many files");
  file *f = &files[files_count++];
  f->inode = inode;
  f->cut_to = -1;
  return f;
}

/* The open file behind fd when it lies directly in the folder, else NULL. */
static file *ours(int fd) {
  struct stat s;
  if (!is_on() || fstat(fd, &s) != 0 || !S_ISREG(s.st_mode) || s.st_dev != data_stat.st_dev) {
    return NULL;
  }
  for (int i = 0; i < files_count; i++) {
    if (files[i].inode == s.st_ino) return &files[i];
  }
  char link[64], path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return NULL;
  path[length] = '\0';
  size_t prefix = strlen(data_dir);
  if (strncmp(path, data_dir, prefix) != 0 || path[prefix] != '/') return NULL;
  if (strchr(path + prefix + 1, '/') != NULL) return NULL;
  return known(s.st_ino);
}

static void wrote(int fd, off_t from, ssize_t bytes) {
  if (bytes <= 0) return;
  pthread_mutex_lock(&lock);
  file *f = ours(fd);
  if (f != NULL) {
    if (f->ranges == NULL) f->ranges = malloc(RANGES_MAX * sizeof(range));
    if (f->ranges == NULL) give_up("memory");
    range *last = f->count > 0 ? &f->ranges[f->count - 1] : NULL;
    if (last != NULL && last->to == from) {
      last->to = from + bytes;
    } else {
      if (f->count == RANGES_MAX) give_up("too many writes without fsync");
      f->ranges[f->count++] = (range){from, from + bytes};
    }
  }
  pthread_mutex_unlock(&lock);
}

static int open_shadow(const file *f) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%lu-%d", disk_dir, (unsigned long)f->inode, f->generation);
  int shadow = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (shadow < 0) give_up(path);
  return shadow;
}

static void copy(int from_fd, int to_fd, range r) {
  while (r.from < r.to) {
    size_t want = r.to - r.from < COPY_BYTES ? (size_t)(r.to - r.from) : COPY_BYTES;
    ssize_t got = pread(from_fd, buffer, want, r.from);
    if (got < 0) give_up("pread");
    if (got == 0) return;
    /* Another system call than SQLite's, so that a tracer who breaks those leaves this alone. */
    struct iovec part = {buffer, (size_t)got};
    if (pwritev(to_fd, &part, 1, r.from) != got) give_up("shadow");
    r.from += got;
  }
}

/* Everything written to the file so far is on the disk now. */
static void sync_file(int fd, file *f) {
  struct stat s;
  if (fstat(fd, &s) != 0) give_up("fstat");
  int shadow = open_shadow(f);
  if (f->cut_to >= 0 && real_ftruncate64(shadow, f->cut_to) != 0) give_up("cut");
  for (int i = 0; i < f->count; i++) copy(fd, shadow, f->ranges[i]);
  if (real_ftruncate64(shadow, s.st_size) != 0) give_up("size");
  f->count = 0;
  f->cut_to = -1;
  close(shadow);
}

/* The names of the folder as they are now are on the disk; "names" changes in one step. */
static void sync_names(void) {
  char path[PATH_MAX], beside[PATH_MAX];
  snprintf(path, sizeof path, "%s/names", disk_dir);
  snprintf(beside, sizeof beside, "%s/names.new", disk_dir);
  FILE *out = fopen(beside, "w");
  DIR *dir = opendir(data_dir);
  if (out == NULL || dir == NULL) give_up(beside);
  for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
    if (entry->d_type != DT_REG) continue;
    fprintf(out, "%lu-%d %s\n", (unsigned long)entry->d_ino, known(entry->d_ino)->generation,
            entry->d_name);
  }
  closedir(dir);
  fclose(out);
  if (real_rename(beside, path) != 0) give_up(path);
}

static void synced(int fd) {
  struct stat s;
  pthread_mutex_lock(&lock);
  if (is_on() && fstat(fd, &s) == 0) {
    int is_folder = S_ISDIR(s.st_mode) && s.st_ino == data_stat.st_ino;
    file *f = ours(fd);
    if (f != NULL) sync_file(fd, f);
    if (is_folder && s.st_dev == data_stat.st_dev) sync_names();
  }
  pthread_mutex_unlock(&lock);
}

/* The inode of a name in the folder, 0 when there is none. */
static ino_t inode_of(const char *path) {
  char folder[PATH_MAX], whole[PATH_MAX];
  struct stat s;
  if (!is_on() || strlen(path) >= sizeof folder || lstat(path, &s) != 0) return 0;
  strcpy(folder, path);
  char *slash = strrchr(folder, '/');
  if (slash == NULL) strcpy(folder, ".");
  else *slash = '\0';
  return realpath(folder, whole) != NULL && strcmp(whole, data_dir) == 0 ? s.st_ino : 0;
}

/* The next file with this inode is another one. */
static void gone(ino_t inode) {
  if (inode == 0) return;
  pthread_mutex_lock(&lock);
  file *f = known(inode);
  f->generation++;
  f->count = 0;
  f->cut_to = -1;
  pthread_mutex_unlock(&lock);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off_t at) {
  ssize_t result = real_pwrite64(fd, bytes, count, at);
  wrote(fd, at, result);
  return result;
}

ssize_t pwrite(int fd, const void *bytes, size_t count, off_t at) {
  return pwrite64(fd, bytes, count, at);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  ssize_t result = real_write(fd, bytes, count);
  if (result > 0 && is_on()) wrote(fd, lseek(fd, 0, SEEK_CUR) - result, result);
  return result;
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  ssize_t result = real_writev(fd, parts, count);
  if (result > 0 && is_on()) wrote(fd, lseek(fd, 0, SEEK_CUR) - result, result);
  return result;
}

int fsync(int fd) {
  int result = real_fsync(fd);
  if (result == 0) synced(fd);
  return result;
}

int fdatasync(int fd) {
  int result = real_fdatasync(fd);
  if (result == 0) synced(fd);
  return result;
}

int ftruncate64(int fd, off_t size) {
  int result = real_ftruncate64(fd, size);
  if (result != 0) return result;
  pthread_mutex_lock(&lock);
  file *f = ours(fd);
  if (f != NULL && (f->cut_to < 0 || size < f->cut_to)) f->cut_to = size;
  pthread_mutex_unlock(&lock);
  return result;
}

int ftruncate(int fd, off_t size) { return ftruncate64(fd, size); }

int unlink(const char *path) {
  ino_t inode = inode_of(path);
  int result = real_unlink(path);
  if (result == 0) gone(inode);
  return result;
}

int rename(const char *from, const char *to) {
  ino_t replaced = inode_of(to);
  int result = real_rename(from, to);
  if (result == 0) gone(replaced);
  return result;
}
