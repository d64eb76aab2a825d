/** Numbers of device nodes, as sysfs writes them. */

/** `MAJOR:MINOR` of what `stat` says: 12 bits of major number from bit 8 on, and the minor's 8 bits below and 12 above. */
export function deviceNumber(rdev: number): string {
  // Of 64 bits: a bitwise operation on a number would cut them to 32.
  const number = BigInt(rdev);
  const major = (number >> 8n) & 0xfffn;
  const minor = (number & 0xffn) | ((number >> 12n) & 0xfff00n);
  return `${major}:${minor}`;
}
