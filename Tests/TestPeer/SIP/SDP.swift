/// Session descriptions for tests. To the gateway they are text; each names its owner so that a test sees whose it is.
package enum SDP {
    /// What the network side answers; `owner` makes it recognisable.
    package static func answer(_ owner: String = "peer") -> String {
        """
        v=0\r
        o=\(owner) 20518 1 IN IP4 198.51.100.4\r
        s=-\r
        c=IN IP4 198.51.100.4\r
        t=0 0\r
        m=audio 49172 RTP/SAVPF 102 113\r
        a=rtpmap:102 AMR-WB/16000\r
        a=rtpmap:113 telephone-event/16000\r
        a=sendrecv\r

        """
    }

    /// What an application offers.
    package static func offer(_ owner: String = "app") -> String {
        """
        v=0\r
        o=\(owner) 8066321617929821805 2 IN IP4 127.0.0.1\r
        s=-\r
        t=0 0\r
        m=audio 42988 UDP/TLS/RTP/SAVPF 111\r
        c=IN IP4 203.0.113.9\r
        a=fingerprint:sha-256 7B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08\r
        a=setup:actpass\r
        a=rtpmap:111 opus/48000/2\r
        a=sendrecv\r

        """
    }
}
