{{- /* The name of the operator's objects: the release's, as most people see one operator a cluster. */ -}}
{{- define "zdi.name" -}}
{{- .Values.nameOverride | default .Release.Name | trunc 53 | trimSuffix "-" -}}
{{- end }}

{{- define "zdi.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- .Values.serviceAccount.name | default (include "zdi.name" .) -}}
{{- else -}}
{{- .Values.serviceAccount.name | default "default" -}}
{{- end -}}
{{- end }}

{{- define "zdi.selector" -}}
app.kubernetes.io/name: zfs-disk-image-operator
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "zdi.labels" -}}
{{ include "zdi.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- /* An image's full name: (dict "root" $ "image" .Values.images.operator) */ -}}
{{- define "zdi.image" -}}
{{- with .root.Values.images.registry }}{{ trimSuffix "/" . }}/{{ end -}}
{{- .image.repository -}}
{{- if .image.digest }}@{{ .image.digest }}{{ else }}:{{ .image.tag | default .root.Chart.AppVersion }}{{ end -}}
{{- end }}

{{- /* What the operator may do in a namespace whose resources it builds. */ -}}
{{- define "zdi.rules" -}}
{{- toYaml (.Files.Get "files/role.yaml" | fromYaml).rules -}}
{{- if .Values.rbac.watchSecrets }}
- apiGroups: [""]
  resources: [secrets]
  verbs: [list, watch]
{{- end -}}
{{- end }}
