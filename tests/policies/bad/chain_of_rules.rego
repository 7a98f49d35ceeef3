# 212: this stands on a chain of more than 100 rules
# 212: in place of so many rules

package acme.chain

r0 if r1

r1 if r2

r2 if r3

r3 if r4

r4 if r5

r5 if r6

r6 if r7

r7 if r8

r8 if r9

r9 if r10

r10 if r11

r11 if r12

r12 if r13

r13 if r14

r14 if r15

r15 if r16

r16 if r17

r17 if r18

r18 if r19

r19 if r20

r20 if r21

r21 if r22

r22 if r23

r23 if r24

r24 if r25

r25 if r26

r26 if r27

r27 if r28

r28 if r29

r29 if r30

r30 if r31

r31 if r32

r32 if r33

r33 if r34

r34 if r35

r35 if r36

r36 if r37

r37 if r38

r38 if r39

r39 if r40

r40 if r41

r41 if r42

r42 if r43

r43 if r44

r44 if r45

r45 if r46

r46 if r47

r47 if r48

r48 if r49

r49 if r50

r50 if r51

r51 if r52

r52 if r53

r53 if r54

r54 if r55

r55 if r56

r56 if r57

r57 if r58

r58 if r59

r59 if r60

r60 if r61

r61 if r62

r62 if r63

r63 if r64

r64 if r65

r65 if r66

r66 if r67

r67 if r68

r68 if r69

r69 if r70

r70 if r71

r71 if r72

r72 if r73

r73 if r74

r74 if r75

r75 if r76

r76 if r77

r77 if r78

r78 if r79

r79 if r80

r80 if r81

r81 if r82

r82 if r83

r83 if r84

r84 if r85

r85 if r86

r86 if r87

r87 if r88

r88 if r89

r89 if r90

r90 if r91

r91 if r92

r92 if r93

r93 if r94

r94 if r95

r95 if r96

r96 if r97

r97 if r98

r98 if r99

r99 if r100

r100 if r101

r101 if r102

r102 if r103

r103 if r104

r104 if r105

r105 if r106

r106 if r107

r107 if r108

r108 if r109

r109 if r110

r110 if r111

r111 if r112

r112 if r113

r113 if r114

r114 if r115

r115 if r116

r116 if r117

r117 if r118

r118 if r119

r119 if r120

r120 if r121

r121 if r122

r122 if r123

r123 if r124

r124 if r125

r125 if r126

r126 if r127

r127 if r128

r128 if r129

r129 if r130

r130 if r131

r131 if r132

r132 if r133

r133 if r134

r134 if r135

r135 if r136

r136 if r137

r137 if r138

r138 if r139

r139 if r140

r140 if r141

r141 if r142

r142 if r143

r143 if r144

r144 if r145

r145 if r146

r146 if r147

r147 if r148

r148 if r149

r149 if r150

r150 if r151

r151 if r152

r152 if r153

r153 if r154

r154 if r155

r155 if r156

r156 if r157

r157 if r158

r158 if r159

r159 if r160

r160 if r161

r161 if r162

r162 if r163

r163 if r164

r164 if r165

r165 if r166

r166 if r167

r167 if r168

r168 if r169

r169 if r170

r170 if r171

r171 if r172

r172 if r173

r173 if r174

r174 if r175

r175 if r176

r176 if r177

r177 if r178

r178 if r179

r179 if r180

r180 if r181

r181 if r182

r182 if r183

r183 if r184

r184 if r185

r185 if r186

r186 if r187

r187 if r188

r188 if r189

r189 if r190

r190 if r191

r191 if r192

r192 if r193

r193 if r194

r194 if r195

r195 if r196

r196 if r197

r197 if r198

r198 if r199

r199 if r200

r200 if r201

r201 if r202

r202 if r203

r203 if input.Target.Id

deny contains "x" if r0
