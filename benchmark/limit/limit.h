// What the limit programs share. Plain C on the kernel and shared memory alone: nothing of the
// project is linked, so that a change of ours never moves the limit that we measure against. Do not
// tune these files to a machine.
#pragma once

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINE _Alignas(64)

static inline uint64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static inline void fail(const char* what) {
  fprintf(stderr, "Cannot %s: %s\n", what, strerror(errno));
  exit(1);
}

// Pins the caller; a negative CPU leaves it where it is.
static inline void pin(int cpu) {
  if (cpu < 0) return;
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(cpu, &set);
  if (sched_setaffinity(0, sizeof set, &set) != 0) fail("pin to the CPU");
}

static inline void* shared(size_t bytes) {
  void* memory =
      mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
  if (memory == MAP_FAILED) fail("map shared memory");
  return memory;
}

// Forks a child that dies with its parent.
static inline pid_t fork_child(void) {
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child < 0) fail("fork");
  if (child == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
  }
  return child;
}

static inline void wait_for(pid_t child) {
  int status;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
    fprintf(stderr, "The other process failed\n");
    exit(1);
  }
}

// "--name value" or "--name=value", or the fallback.
static inline const char* text_option(int argc, char** argv, const char* name,
                                      const char* fallback) {
  const size_t length = strlen(name);
  for (int index = 1; index < argc; ++index) {
    if (strncmp(argv[index], name, length) != 0) continue;
    if (argv[index][length] == '=') return argv[index] + length + 1;
    if (argv[index][length] == 0 && index + 1 < argc) return argv[index + 1];
  }
  return fallback;
}

static inline long number_option(int argc, char** argv, const char* name, long fallback) {
  const char* text = text_option(argc, argv, name, NULL);
  if (text == NULL) return fallback;
  char* end;
  const long value = strtol(text, &end, 0);
  if (end == text || *end != 0) {
    fprintf(stderr, "Cannot read %s: \"%s\" is not a number\n", name, text);
    exit(2);
  }
  return value;
}
