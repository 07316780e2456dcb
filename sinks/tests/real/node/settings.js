// Node-RED with one flow and nothing else: no editor, no palette, no word to anybody.
module.exports = {
  flowFile: "flows.json",
  uiHost: "127.0.0.1",
  uiPort: Number(process.env.PORT),
  httpAdminRoot: false,
  credentialSecret: false,
  telemetry: { enabled: false, updateNotification: false },
  externalModules: { autoInstall: false, palette: { allowInstall: false } },
  logging: { console: { level: "info" } },
};
