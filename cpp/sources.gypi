{
  "variables": {
    "base_sources": [
      "cpp/base/base64.cpp",
      "cpp/base/identifiers.cpp",
      "cpp/base/inflate.cpp",
      "cpp/base/json.cpp",
      "cpp/base/log_file.cpp"
    ],
    "wire_sources": [
      "cpp/wire/codec.cpp",
      "cpp/wire/frame.cpp"
    ],
    "net_sources": [
      "cpp/net/connect_race.cpp",
      "cpp/net/connector.cpp",
      "cpp/net/endpoint.cpp",
      "cpp/net/io_loop.cpp",
      "cpp/net/link.cpp",
      "cpp/net/listen_socket.cpp",
      "cpp/net/listener.cpp",
      "cpp/net/resolver.cpp",
      "cpp/net/socket_address.cpp",
      "cpp/net/stream_link.cpp",
      "cpp/net/stream_link_io.cpp",
      "cpp/net/thread.cpp",
      "cpp/net/timer.cpp",
      "cpp/net/timer_wheel.cpp",
      "cpp/net/tls_certificate.cpp",
      "cpp/net/tls_context.cpp",
      "cpp/net/tls_error.cpp",
      "cpp/net/tls_session.cpp",
      "cpp/net/tls_tickets.cpp",
      "cpp/net/tls_trust.cpp"
    ],
    "client_sources": [
      "cpp/client/channel.cpp",
      "cpp/client/config.cpp",
      "cpp/client/connection_machine.cpp",
      "cpp/client/message.cpp",
      "cpp/client/not_yet.cpp",
      "cpp/client/outbox.cpp",
      "cpp/client/process.cpp",
      "cpp/client/requests.cpp",
      "cpp/client/service.cpp",
      "cpp/client/service_attributes.cpp",
      "cpp/client/service_channels.cpp",
      "cpp/client/service_frames.cpp",
      "cpp/client/service_login.cpp",
      "cpp/client/service_messages.cpp",
      "cpp/client/service_presence.cpp",
      "cpp/client/session.cpp",
      "cpp/client/strand.cpp"
    ],
    "server_sources": [
      "cpp/server/token.cpp",
      "cpp/server/token_006.cpp",
      "cpp/server/token_007.cpp"
    ],
    "binding_sources": []
  }
}
