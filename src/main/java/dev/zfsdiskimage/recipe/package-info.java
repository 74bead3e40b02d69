/**
 * From a resource to a {@link dev.zfsdiskimage.recipe.Recipe}: a text is read ({@link
 * dev.zfsdiskimage.recipe.Manifest}), defaults are filled in, every rule that spans fields is held,
 * and what the images depend on is hashed ({@link dev.zfsdiskimage.recipe.Recipes}).
 */
package dev.zfsdiskimage.recipe;
