package io.insula.node.server;

/// A request that is not done, with the status code and the words that the API server passes on.
final class NodeRefusal extends RuntimeException {

    private final int status;

    NodeRefusal(int status, String message) {
        super(message);
        this.status = status;
    }

    static NodeRefusal notFound(String message) {
        return new NodeRefusal(404, message);
    }

    static NodeRefusal bad(String message) {
        return new NodeRefusal(400, message);
    }

    int status() {
        return status;
    }
}
