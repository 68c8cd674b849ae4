/** Applies transforms of resources, as the engine does for each registration. Mocks leave them out. */
import proto, {
  type RegisterResourceRequest,
  type TransformResourceOptions,
  type TransformResponse,
} from "@pulumi/pulumi/proto/resource_pb.js";

/** A transform as the SDK registers it: from a serialized request to a response. */
export type Transform = (request: Uint8Array) => Promise<TransformResponse>;

/** Changes the inputs and options of a registration by a transform of the resource, of a parent or of the stack. */
export async function applyTransform(request: RegisterResourceRequest, transform: Transform): Promise<void> {
  const asked = new proto.TransformRequest();
  asked.setType(request.getType());
  asked.setName(request.getName());
  asked.setCustom(request.getCustom());
  asked.setParent(request.getParent());
  asked.setProperties(request.getObject());
  asked.setOptions(readOptions(request));
  const response = await transform(asked.serializeBinary());
  request.setObject(response.getProperties());
  const options = response.getOptions();
  if (options !== undefined) writeOptions(options, request);
}

function readOptions(request: RegisterResourceRequest): TransformResourceOptions {
  const options = new proto.TransformResourceOptions();
  options.setDependsOnList(request.getDependenciesList());
  options.setProtect(request.getProtect() ?? false);
  options.setIgnoreChangesList(request.getIgnorechangesList());
  options.setReplaceOnChangesList(request.getReplaceonchangesList());
  options.setVersion(request.getVersion());
  options.setAliasesList(request.getAliasesList());
  options.setProvider(request.getProvider());
  options.setCustomTimeouts(request.getCustomtimeouts());
  options.setPluginDownloadUrl(request.getPlugindownloadurl());
  options.setRetainOnDelete(request.getRetainondelete() ?? false);
  options.setDeletedWith(request.getDeletedwith());
  options.setDeleteBeforeReplace(request.getDeletebeforereplace());
  options.setAdditionalSecretOutputsList(request.getAdditionalsecretoutputsList());
  options.setImport(request.getImportid());
  options.setHooks(request.getHooks());
  return options;
}

function writeOptions(options: TransformResourceOptions, request: RegisterResourceRequest): void {
  request.setDependenciesList(options.getDependsOnList());
  request.setProtect(options.getProtect() ?? false);
  request.setIgnorechangesList(options.getIgnoreChangesList());
  request.setReplaceonchangesList(options.getReplaceOnChangesList());
  request.setVersion(options.getVersion());
  request.setAliasesList(options.getAliasesList());
  request.setProvider(options.getProvider());
  request.setCustomtimeouts(options.getCustomTimeouts());
  request.setPlugindownloadurl(options.getPluginDownloadUrl());
  request.setRetainondelete(options.getRetainOnDelete() ?? false);
  request.setDeletedwith(options.getDeletedWith());
  request.setDeletebeforereplace(options.getDeleteBeforeReplace() ?? false);
  request.setAdditionalsecretoutputsList(options.getAdditionalSecretOutputsList());
  request.setImportid(options.getImport());
  request.setHooks(options.getHooks());
}
