/**
 * The CRD held against a resource without an API server: defaults, unknown fields, types and
 * bounds, CEL rules.
 */
package dev.zfsdiskimage.schema;
