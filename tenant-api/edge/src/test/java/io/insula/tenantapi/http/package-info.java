/// Tests of the HTTP edge over real sockets; `TestPki` issues what they show each other.
@NullMarked
package io.insula.tenantapi.http;

import org.jspecify.annotations.NullMarked;
