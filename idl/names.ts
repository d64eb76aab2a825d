/** How names of interface definitions read in TypeScript and in file names. */

function words(name: string): string[] {
  return name.split("_").filter((word) => word !== "");
}

/** A digit cannot start a name: `_1` keeps its line. */
function safe(name: string): string {
  return /^[0-9]/.test(name) ? `_${name}` : name;
}

function capitalised(word: string): string {
  return (word[0] as string).toUpperCase() + word.slice(1);
}

/** `shm_test` to `ShmTest`; `CalcCounter` stays. */
export function pascalCase(name: string): string {
  return safe(words(name).map(capitalised).join("")) || name;
}

/** `tx_buffer_size` to `txBufferSize`, `MAX_SIZE` to `maxSize`; `blockSize` stays. */
export function camelCase(name: string): string {
  const parts = words(/[a-z]/.test(name) ? name : name.toLowerCase());
  if (parts.length === 0) return name;
  const [first, ...others] = parts as [string, ...string[]];
  return safe((first[0] as string).toLowerCase() + first.slice(1) + others.map(capitalised).join(""));
}

/** `MappedFileObject` to `mapped-file-object`. */
export function kebabCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, "$1-$2")
    .replace(/([A-Z])([A-Z][a-z])/g, "$1-$2")
    .replace(/_/g, "-")
    .toLowerCase();
}
