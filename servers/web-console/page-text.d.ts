/** A file for browsers as text, which the build puts into the bundle: scripts/lib/build-components.mjs. */
declare module "page-text:*" {
  export const text: string;
}
