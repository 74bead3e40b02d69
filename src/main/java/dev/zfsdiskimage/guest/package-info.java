/**
 * The border between this program and the builder VM: what stands on the config disk, and how the
 * console is read. See docs/guest-program.md.
 */
package dev.zfsdiskimage.guest;
