/// Server-side apply: who owns which field of an object, and what follows from it.
///
/// [io.insula.tenantapi.apply.FieldManager] is the entry: it merges an applied configuration into a live object,
/// or records what another write changed, and keeps `metadata.managedFields`.
/// [io.insula.tenantapi.apply.FieldSet] is the set of paths that `fieldsV1` writes down. Lists of type map and
/// set are granular by element, all else as the schema says. Source: sigs.k8s.io/structured-merge-diff v6 and
/// kubernetes/apimachinery, `util/managedfields`.
///
/// Pure functions over trees; they leave their arguments alone. Not done here: conversion between versions. The
/// fields that a manager owns in another version of the kind are taken to have the same paths, which is exact for
/// kinds with one version and for custom resources without a conversion webhook.
@NullMarked
package io.insula.tenantapi.apply;

import org.jspecify.annotations.NullMarked;
