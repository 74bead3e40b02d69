/**
 * The OCI images that a cluster runs: what is in each, and how it is written or pushed. The same
 * ingredients give the same digest.
 */
package dev.zfsdiskimage.images;
