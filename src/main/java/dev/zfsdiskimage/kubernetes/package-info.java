/**
 * The operator: what the cluster holds becomes an {@code Observed}, the engine decides, its actions
 * become requests, and its judgement becomes the resource's status.
 */
package dev.zfsdiskimage.kubernetes;
