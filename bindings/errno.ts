/**
 * Numbers of errors that native code returns where an object each would cost too much. The same on all supported
 * processors; Node's own table lacks some, and takes each start 0.3 ms to load.
 */
export const errno = {
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  EFAULT: 14,
  ENODEV: 19,
  EINVAL: 22,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  EMSGSIZE: 90,
  ECONNRESET: 104,
  ETOOMANYREFS: 109,
  EDQUOT: 122,
  ENOMEDIUM: 123,
} as const;
