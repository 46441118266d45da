package io.insula.tenantapi.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Takes the events of one watch: one call at a time, in revision order. Calls must not block.
public interface WatchSink {

    /// @param type ADDED, MODIFIED, DELETED, BOOKMARK or ERROR (then `object` is a `Status`)
    /// @param object the sink's own tree
    /// @return false to end the watch
    boolean onEvent(String type, ObjectNode object);

    /// No more events will come: timeout, error or shutdown. Called once, also after a false answer.
    void onEnd();
}
