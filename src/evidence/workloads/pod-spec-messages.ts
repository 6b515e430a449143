/**
 * A pod specification in protobuf, with the names and the order of its JSON (k8s.io/api/core/v1, types.go). Left out is what
 * `unreadFields` of encoded-spec.ts names. A test holds this against what a real API server says of its own fields.
 */
export const podSpecMessages = {
  PodSpec:
    'volumes=1*:Volume initContainers=20*:Container containers=2*:Container ' +
    'ephemeralContainers=34*:EphemeralContainer terminationGracePeriodSeconds=4?:int ' +
    'activeDeadlineSeconds=5?:int serviceAccountName=8 serviceAccount=9 ' +
    'automountServiceAccountToken=21?:bool hostNetwork=11:bool hostPID=12:bool ' +
    'hostIPC=13:bool shareProcessNamespace=27?:bool securityContext=14:PodSecurityContext ' +
    'imagePullSecrets=15*:LocalObjectReference readinessGates=28*:PodReadinessGate runtimeClassName=29? ' +
    'enableServiceLinks=30?:bool os=36:PodOS hostUsers=37?:bool resourceClaims=39*:PodResourceClaim ' +
    'resources=40:ResourceRequirements hostnameOverride=41? schedulingGroup=43:PodSchedulingGroup ' +
    'evictionResponders=44*:EvictionResponder',
  Volume: 'name=1! ...VolumeSource=2:VolumeSource',
  Container:
    'name=1! image=2 command=3* args=4* workingDir=5 ports=6*:ContainerPort envFrom=19*:EnvFromSource ' +
    'env=7*:EnvVar resources=8:ResourceRequirements resizePolicy=23*:ContainerResizePolicy ' +
    'restartPolicy=24? restartPolicyRules=25*:ContainerRestartRule volumeMounts=9*:VolumeMount ' +
    'volumeDevices=21*:VolumeDevice livenessProbe=10:Probe readinessProbe=11:Probe startupProbe=22:Probe ' +
    'lifecycle=12:Lifecycle terminationMessagePath=13 terminationMessagePolicy=20 imagePullPolicy=14 ' +
    'securityContext=15:SecurityContext stdin=16:bool stdinOnce=17:bool tty=18:bool',
  EphemeralContainer: '...EphemeralContainerCommon=1:EphemeralContainerCommon targetContainerName=2',
  PodSecurityContext:
    'seLinuxOptions=1:SELinuxOptions windowsOptions=8:WindowsSecurityContextOptions runAsUser=2?:int ' +
    'runAsGroup=6?:int runAsNonRoot=3?:bool supplementalGroups=4*:int supplementalGroupsPolicy=12? ' +
    'fsGroup=5?:int sysctls=7*:Sysctl fsGroupChangePolicy=9? seccompProfile=10:SeccompProfile ' +
    'appArmorProfile=11:AppArmorProfile seLinuxChangePolicy=13?',
  LocalObjectReference: 'name=1',
  PodReadinessGate: 'conditionType=1!',
  PodOS: 'name=1!',
  PodResourceClaim: 'name=1! resourceClaimName=3? resourceClaimTemplateName=4?',
  ResourceRequirements: 'limits=1%:Quantity requests=2%:Quantity claims=3*:ResourceClaim',
  PodSchedulingGroup: 'podGroupName=1?',
  EvictionResponder: 'name=1! priority=2?:int',
  VolumeSource:
    'hostPath=1:HostPathVolumeSource emptyDir=2:EmptyDirVolumeSource ' +
    'gcePersistentDisk=3:GCEPersistentDiskVolumeSource ' +
    'awsElasticBlockStore=4:AWSElasticBlockStoreVolumeSource gitRepo=5:GitRepoVolumeSource ' +
    'secret=6:SecretVolumeSource nfs=7:NFSVolumeSource iscsi=8:ISCSIVolumeSource ' +
    'glusterfs=9:GlusterfsVolumeSource persistentVolumeClaim=10:PersistentVolumeClaimVolumeSource ' +
    'rbd=11:RBDVolumeSource flexVolume=12:FlexVolumeSource cinder=13:CinderVolumeSource ' +
    'cephfs=14:CephFSVolumeSource flocker=15:FlockerVolumeSource downwardAPI=16:DownwardAPIVolumeSource ' +
    'fc=17:FCVolumeSource azureFile=18:AzureFileVolumeSource configMap=19:ConfigMapVolumeSource ' +
    'vsphereVolume=20:VsphereVirtualDiskVolumeSource quobyte=21:QuobyteVolumeSource ' +
    'azureDisk=22:AzureDiskVolumeSource photonPersistentDisk=23:PhotonPersistentDiskVolumeSource ' +
    'projected=26:ProjectedVolumeSource portworxVolume=24:PortworxVolumeSource ' +
    'scaleIO=25:ScaleIOVolumeSource storageos=27:StorageOSVolumeSource csi=28:CSIVolumeSource ' +
    'ephemeral=29:EphemeralVolumeSource image=30:ImageVolumeSource',
  ContainerPort: 'name=1 hostPort=2:int containerPort=3!:int protocol=4 hostIP=5',
  EnvFromSource: 'prefix=1 configMapRef=2:ConfigMapEnvSource secretRef=3:SecretEnvSource',
  EnvVar: 'name=1! value=2 valueFrom=3:EnvVarSource',
  ContainerResizePolicy: 'resourceName=1! restartPolicy=2!',
  ContainerRestartRule: 'action=1 exitCodes=2:ContainerRestartRuleOnExitCodes',
  VolumeMount:
    'name=1! readOnly=2:bool recursiveReadOnly=7? mountPath=3! subPath=4 mountPropagation=5? ' +
    'subPathExpr=6 bindMountOptions=8*',
  VolumeDevice: 'name=1! devicePath=2!',
  Probe:
    '...ProbeHandler=1:ProbeHandler initialDelaySeconds=2:int timeoutSeconds=3:int periodSeconds=4:int ' +
    'successThreshold=5:int failureThreshold=6:int terminationGracePeriodSeconds=7?:int',
  Lifecycle: 'postStart=1:LifecycleHandler preStop=2:LifecycleHandler stopSignal=3?',
  SecurityContext:
    'capabilities=1:Capabilities privileged=2?:bool seLinuxOptions=3:SELinuxOptions ' +
    'windowsOptions=10:WindowsSecurityContextOptions runAsUser=4?:int runAsGroup=8?:int ' +
    'runAsNonRoot=5?:bool readOnlyRootFilesystem=6?:bool allowPrivilegeEscalation=7?:bool procMount=9? ' +
    'seccompProfile=11:SeccompProfile appArmorProfile=12:AppArmorProfile',
  EphemeralContainerCommon:
    'name=1! image=2 command=3* args=4* workingDir=5 ports=6*:ContainerPort envFrom=19*:EnvFromSource ' +
    'env=7*:EnvVar resources=8:ResourceRequirements resizePolicy=23*:ContainerResizePolicy ' +
    'restartPolicy=24? restartPolicyRules=25*:ContainerRestartRule volumeMounts=9*:VolumeMount ' +
    'volumeDevices=21*:VolumeDevice livenessProbe=10:Probe readinessProbe=11:Probe startupProbe=22:Probe ' +
    'lifecycle=12:Lifecycle terminationMessagePath=13 terminationMessagePolicy=20 imagePullPolicy=14 ' +
    'securityContext=15:SecurityContext stdin=16:bool stdinOnce=17:bool tty=18:bool',
  SELinuxOptions: 'user=1 role=2 type=3 level=4',
  WindowsSecurityContextOptions:
    'gmsaCredentialSpecName=1? gmsaCredentialSpec=2? runAsUserName=3? hostProcess=4?:bool',
  Sysctl: 'name=1! value=2!',
  SeccompProfile: 'type=1! localhostProfile=2?',
  AppArmorProfile: 'type=1! localhostProfile=2?',
  ResourceClaim: 'name=1! request=2',
  HostPathVolumeSource: 'path=1! type=2?',
  EmptyDirVolumeSource: 'medium=1 sizeLimit=2?:Quantity mode=3?:int',
  GCEPersistentDiskVolumeSource: 'pdName=1! fsType=2 partition=3:int readOnly=4:bool',
  AWSElasticBlockStoreVolumeSource: 'volumeID=1! fsType=2 partition=3:int readOnly=4:bool',
  GitRepoVolumeSource: 'repository=1! revision=2 directory=3',
  SecretVolumeSource:
    'secretName=1 items=2*:KeyToPath defaultMode=3?:int optional=4?:bool defaultUser=5?:int',
  NFSVolumeSource: 'server=1! path=2! readOnly=3:bool',
  ISCSIVolumeSource:
    'targetPortal=1! iqn=2! lun=3!:int iscsiInterface=4 fsType=5 readOnly=6:bool portals=7* ' +
    'chapAuthDiscovery=8:bool chapAuthSession=11:bool secretRef=10:LocalObjectReference initiatorName=12?',
  GlusterfsVolumeSource: 'endpoints=1! path=2! readOnly=3:bool',
  PersistentVolumeClaimVolumeSource: 'claimName=1! readOnly=2:bool',
  RBDVolumeSource:
    'monitors=1* image=2! fsType=3 pool=4 user=5 keyring=6 secretRef=7:LocalObjectReference ' +
    'readOnly=8:bool',
  FlexVolumeSource: 'driver=1! fsType=2 secretRef=3:LocalObjectReference readOnly=4:bool options=5%',
  CinderVolumeSource: 'volumeID=1! fsType=2 readOnly=3:bool secretRef=4:LocalObjectReference',
  CephFSVolumeSource:
    'monitors=1* path=2 user=3 secretFile=4 secretRef=5:LocalObjectReference readOnly=6:bool',
  FlockerVolumeSource: 'datasetName=1 datasetUUID=2',
  DownwardAPIVolumeSource: 'items=1*:DownwardAPIVolumeFile defaultMode=2?:int defaultUser=3?:int',
  FCVolumeSource: 'targetWWNs=1* lun=2?:int fsType=3 readOnly=4:bool wwids=5*',
  AzureFileVolumeSource: 'secretName=1! shareName=2! readOnly=3:bool',
  ConfigMapVolumeSource:
    '...LocalObjectReference=1:LocalObjectReference items=2*:KeyToPath defaultMode=3?:int ' +
    'optional=4?:bool defaultUser=5?:int',
  VsphereVirtualDiskVolumeSource: 'volumePath=1! fsType=2 storagePolicyName=3 storagePolicyID=4',
  QuobyteVolumeSource: 'registry=1! volume=2! readOnly=3:bool user=4 group=5 tenant=6',
  AzureDiskVolumeSource: 'diskName=1! diskURI=2! cachingMode=3? fsType=4? readOnly=5?:bool kind=6?',
  PhotonPersistentDiskVolumeSource: 'pdID=1! fsType=2',
  ProjectedVolumeSource: 'sources=1*:VolumeProjection defaultMode=2?:int defaultUser=3?:int',
  PortworxVolumeSource: 'volumeID=1! fsType=2 readOnly=3:bool',
  ScaleIOVolumeSource:
    'gateway=1! system=2! secretRef=3:LocalObjectReference sslEnabled=4:bool protectionDomain=5 ' +
    'storagePool=6 storageMode=7 volumeName=8 fsType=9 readOnly=10:bool',
  StorageOSVolumeSource:
    'volumeName=1 volumeNamespace=2 fsType=3 readOnly=4:bool secretRef=5:LocalObjectReference',
  CSIVolumeSource:
    'driver=1! readOnly=2?:bool fsType=3? volumeAttributes=4% nodePublishSecretRef=5:LocalObjectReference',
  EphemeralVolumeSource: 'volumeClaimTemplate=1:PersistentVolumeClaimTemplate',
  ImageVolumeSource: 'reference=1 pullPolicy=2',
  ConfigMapEnvSource: '...LocalObjectReference=1:LocalObjectReference optional=2?:bool',
  SecretEnvSource: '...LocalObjectReference=1:LocalObjectReference optional=2?:bool',
  EnvVarSource:
    'fieldRef=1:ObjectFieldSelector resourceFieldRef=2:ResourceFieldSelector ' +
    'configMapKeyRef=3:ConfigMapKeySelector secretKeyRef=4:SecretKeySelector fileKeyRef=5:FileKeySelector',
  ContainerRestartRuleOnExitCodes: 'operator=1 values=2*:int',
  ProbeHandler: 'exec=1:ExecAction httpGet=2:HTTPGetAction tcpSocket=3:TCPSocketAction grpc=4:GRPCAction',
  LifecycleHandler:
    'exec=1:ExecAction httpGet=2:HTTPGetAction tcpSocket=3:TCPSocketAction sleep=4:SleepAction',
  Capabilities: 'add=1* drop=2*',
  KeyToPath: 'key=1! path=2! mode=3?:int user=4?:int',
  DownwardAPIVolumeFile:
    'path=1! fieldRef=2:ObjectFieldSelector resourceFieldRef=3:ResourceFieldSelector mode=4?:int ' +
    'user=5?:int',
  VolumeProjection:
    'secret=1:SecretProjection downwardAPI=2:DownwardAPIProjection configMap=3:ConfigMapProjection ' +
    'serviceAccountToken=4:ServiceAccountTokenProjection ' +
    'clusterTrustBundle=5:ClusterTrustBundleProjection podCertificate=6:PodCertificateProjection',
  PersistentVolumeClaimTemplate: 'metadata=1:ObjectMeta spec=2:PersistentVolumeClaimSpec',
  ObjectFieldSelector: 'apiVersion=1 fieldPath=2!',
  ResourceFieldSelector: 'containerName=1 resource=2! divisor=3:Quantity',
  ConfigMapKeySelector: '...LocalObjectReference=1:LocalObjectReference key=2! optional=3?:bool',
  SecretKeySelector: '...LocalObjectReference=1:LocalObjectReference key=2! optional=3?:bool',
  FileKeySelector: 'volumeName=1! path=2! key=3! optional=4?:bool',
  ExecAction: 'command=1*',
  HTTPGetAction: 'path=1 port=2!:IntOrString host=3 scheme=4 httpHeaders=5*:HTTPHeader protocol=6?',
  TCPSocketAction: 'port=1!:IntOrString host=2',
  GRPCAction: 'port=1!:int service=2? mode=3?',
  SleepAction: 'seconds=1!:int',
  SecretProjection: '...LocalObjectReference=1:LocalObjectReference items=2*:KeyToPath optional=4?:bool',
  DownwardAPIProjection: 'items=1*:DownwardAPIVolumeFile',
  ConfigMapProjection: '...LocalObjectReference=1:LocalObjectReference items=2*:KeyToPath optional=4?:bool',
  ServiceAccountTokenProjection: 'audience=1 expirationSeconds=2?:int path=3! user=4?:int',
  ClusterTrustBundleProjection:
    'name=1? signerName=2? labelSelector=3:LabelSelector optional=5?:bool path=4! user=6?:int',
  PodCertificateProjection:
    'signerName=1 keyType=2 maxExpirationSeconds=3?:int credentialBundlePath=4 keyPath=5 ' +
    'certificateChainPath=6 userAnnotations=7% user=8?:int',
  ObjectMeta:
    'name=1 generateName=2 namespace=3 uid=5 resourceVersion=6 generation=7:int creationTimestamp=8:Time ' +
    'deletionTimestamp=9?:Time deletionGracePeriodSeconds=10?:int labels=11% annotations=12% ' +
    'ownerReferences=13*:OwnerReference finalizers=14*',
  PersistentVolumeClaimSpec:
    'accessModes=1* selector=4:LabelSelector resources=2:VolumeResourceRequirements volumeName=3 ' +
    'storageClassName=5? volumeMode=6? dataSource=7:TypedLocalObjectReference ' +
    'dataSourceRef=8:TypedObjectReference volumeAttributesClassName=9?',
  HTTPHeader: 'name=1! value=2!',
  LabelSelector: 'matchLabels=1% matchExpressions=2*:LabelSelectorRequirement',
  OwnerReference: 'apiVersion=5! kind=1! name=3! uid=4! controller=6?:bool blockOwnerDeletion=7?:bool',
  VolumeResourceRequirements: 'limits=1%:Quantity requests=2%:Quantity',
  TypedLocalObjectReference: 'apiGroup=1? kind=2! name=3!',
  TypedObjectReference: 'apiGroup=1? kind=2! name=3! namespace=4?',
  LabelSelectorRequirement: 'key=1! operator=2! values=3*',
};
