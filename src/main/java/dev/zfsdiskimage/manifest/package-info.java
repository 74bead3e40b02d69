/**
 * {@code manifest.json}, the document that tells of finished images, the same on one machine and in
 * a cluster.
 */
package dev.zfsdiskimage.manifest;
