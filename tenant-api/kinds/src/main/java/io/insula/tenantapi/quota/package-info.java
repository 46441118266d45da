/// What objects count against a ResourceQuota: pure functions that admission (charging) and the quota controller
/// (recounting) share, so that both always come to the same numbers.
///
/// [QuotaEvaluator] measures objects of one resource, [Amounts] calculates with what it measured, [Quotas]
/// says which quota concerns which object. Nothing here reads or writes the API.
@NullMarked
package io.insula.tenantapi.quota;

import org.jspecify.annotations.NullMarked;
