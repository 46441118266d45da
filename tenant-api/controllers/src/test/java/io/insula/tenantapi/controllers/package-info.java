/// Tests of the reconcile loop, and what all controller tests share.
@NullMarked
package io.insula.tenantapi.controllers;

import org.jspecify.annotations.NullMarked;
