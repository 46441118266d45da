/// What all parts of a node that talk to its API server do alike. Stateless; knows no other package of the node.
@NullMarked
package io.insula.node.client;

import org.jspecify.annotations.NullMarked;
