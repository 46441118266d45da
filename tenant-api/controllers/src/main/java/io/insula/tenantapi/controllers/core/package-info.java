/// What every namespace gets and how it goes: content deletion, the `default` service account, the root certificate.
@NullMarked
package io.insula.tenantapi.controllers.core;

import org.jspecify.annotations.NullMarked;
