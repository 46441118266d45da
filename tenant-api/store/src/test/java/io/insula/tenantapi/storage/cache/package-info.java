@org.jspecify.annotations.NullMarked
package io.insula.tenantapi.storage.cache;
