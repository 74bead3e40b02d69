/** What the operator measures of itself and of its builds. */
package dev.zfsdiskimage.metrics;
