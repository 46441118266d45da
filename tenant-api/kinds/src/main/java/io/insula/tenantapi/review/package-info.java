/// The review kinds: questions that a client asks by creating an object that is answered instead of stored. Who am I
/// (SelfSubjectReview), whose token is this (TokenReview), may somebody do this (the AccessReviews), what may I do
/// (SelfSubjectRulesReview).
///
/// Each kind is one stateless file over the ports in `auth`; `Reviews` translates between their trees and records.
@NullMarked
package io.insula.tenantapi.review;

import org.jspecify.annotations.NullMarked;
