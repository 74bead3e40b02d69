/**
 * The resource {@code ZfsDiskImage}: what a person asks for (spec) and what is true of it (status).
 * The CRD is generated from these types.
 */
package dev.zfsdiskimage.api;
