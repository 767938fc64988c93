// The registry of settings. JupyterLab's own checks settings with a validator that compiles schemas to JavaScript, which
// takes 'unsafe-eval'; nobody writes settings by hand here, so that defaults are filled in and nothing else is done.
import type { JupyterFrontEnd, JupyterFrontEndPlugin } from "@jupyterlab/application";
import { ISettingConnector, ISettingRegistry, SettingRegistry, type ISchemaValidator } from "@jupyterlab/settingregistry";
import { JSONExt, type PartialJSONObject, type PartialJSONValue } from "@lumino/coreutils";
import * as json5 from "json5";

interface Schema { default?: PartialJSONValue; properties?: Record<string, Schema> }

/** Puts the schema's defaults where the value has nothing, as ajv does with useDefaults. */
function fill(value: PartialJSONObject, schema: Schema): void {
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    if (value[name] === undefined && property.default !== undefined) value[name] = JSONExt.deepCopy(property.default);
    const inner = value[name];
    if (property.properties && inner && typeof inner === "object" && !Array.isArray(inner)) fill(inner as PartialJSONObject, property);
  }
}

const validator: ISchemaValidator = {
  validateData(plugin, populate = true) {
    let user: PartialJSONObject;
    try {
      user = json5.parse(plugin.raw);
    } catch (e) {
      return [{ instancePath: "", keyword: "parse", schemaPath: "", message: String(e) }];
    }
    const composite = JSONExt.deepCopy(user);
    fill(composite, plugin.schema as unknown as Schema);
    if (populate) plugin.data = { composite: composite as ISettingRegistry.ISettingBundle["composite"], user: user as ISettingRegistry.ISettingBundle["user"] };
    return null;
  },
};

/** While a plugin's transforms are run again its settings are empty, and docmanager has another reader of them at that time. */
class Registry extends SettingRegistry {
  override load(plugin: string, forceTransform = false): Promise<ISettingRegistry.ISettings> {
    return super.load(plugin, forceTransform && plugin !== "@jupyterlab/docmanager-extension:plugin");
  }
}

export const registry: JupyterFrontEndPlugin<ISettingRegistry> = {
  id: "rt0:settings",
  autoStart: true,
  provides: ISettingRegistry,
  requires: [ISettingConnector],
  activate: async (app: JupyterFrontEnd, connector: ISettingConnector) => {
    const { values } = (await connector.list("active" as never)) as { values: ISettingRegistry.IPlugin[] };
    return new Registry({ connector, validator, plugins: values.filter((v) => app.hasPlugin(v.id)) });
  },
};
