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
    "net_sources": [],
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
      "cpp/client/service_channels.cpp",
      "cpp/client/service_frames.cpp",
      "cpp/client/service_login.cpp",
      "cpp/client/service_messages.cpp",
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
