/// API priority and fairness: who of the clients of one server goes first when there is more to do than it may do
/// at once.
///
/// [FlowControl] is the entry point: a request is classified by the FlowSchema objects, and either passes at once
/// (an exempt level, a free seat), waits its turn in a [QueueSet], or is refused. Everything works on an immutable
/// image of the objects, read again when one has been written through this server, and every half a minute while
/// requests come: an idle server does nothing. Time is a number handed in, so that tests own it.
///
/// Not here: what a request costs ([Work]); that is for whoever knows requests.
///
/// Source: KEP-1040; kubernetes/apiserver, `util/flowcontrol`.
@NullMarked
package io.insula.tenantapi.flowcontrol;

import org.jspecify.annotations.NullMarked;
