/**
 * The part of KubeVirt's and CDI's API that the operator uses, as types of the Kubernetes client.
 * Field names and meanings are those of KubeVirt 1.9; unknown fields of an answer are ignored.
 */
package dev.zfsdiskimage.kubevirt;
