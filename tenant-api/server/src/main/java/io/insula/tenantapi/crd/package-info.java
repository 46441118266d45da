/// CustomResourceDefinitions and what they define.
///
/// [CustomResources] is the entry point: it makes a kind of each version that a definition serves and keeps a
/// server's registry in step with the stored definitions, written here or elsewhere. What it does not do: conversion
/// between
/// versions by webhook, and rules in CEL.
@NullMarked
package io.insula.tenantapi.crd;

import org.jspecify.annotations.NullMarked;
