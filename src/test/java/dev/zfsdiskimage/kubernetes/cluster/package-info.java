/**
 * A Kubernetes cluster for tests: an API server double over real HTTP, a simulated KubeVirt, and
 * the gates that every request and every object must pass.
 */
package dev.zfsdiskimage.kubernetes.cluster;
