/**
 * The build's state machine: (recipe, what is observed, now) to (what to do, what to say). It has
 * no clock, does no input or output, and remembers nothing between two calls.
 */
package dev.zfsdiskimage.engine;
