/**
 * What ships beside the program: chart, kustomize bases, GitOps parts, monitoring, and the CRD's
 * promises to those who have it already.
 */
package dev.zfsdiskimage.ship;
