/// The engine that every kind runs through: what a kind declares ([ResourceKind], [KindSpec]) and the one generic
/// store that creates, reads, updates, patches, deletes, lists and watches objects in the order Kubernetes prescribes.
@NullMarked
package io.insula.tenantapi.registry;

import org.jspecify.annotations.NullMarked;
