/// Placeholder front page.
@NullMarked
package io.insula.tenantapi.controllers;

import org.jspecify.annotations.NullMarked;
