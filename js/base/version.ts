/** Version of this library, equal to package.json's; the build fills it in. */
export const VERSION = __EW_VERSION__;
