/// The contract kit of the storage port: [StorageContract] says what every store must do.
@org.jspecify.annotations.NullMarked
package io.insula.tenantapi.storage;
