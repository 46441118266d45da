/// Who is asking ([UserInfo], [Authenticator]) and whether they may ([Authorizer]).
@NullMarked
package io.insula.tenantapi.auth;

import org.jspecify.annotations.NullMarked;
