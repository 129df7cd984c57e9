/** Version of this library, equal to package.json's; the build fills it in. */
declare const __EW_VERSION__: string;

export const VERSION = __EW_VERSION__;
